"""From collected results to reports: metrics, figures, tables."""
