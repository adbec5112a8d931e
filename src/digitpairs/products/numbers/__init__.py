"""Metrics: functions from data frames to data frames."""
