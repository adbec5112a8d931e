"""The report: templates (workflow/report) filled with what files hold, compiled by LaTeX."""
