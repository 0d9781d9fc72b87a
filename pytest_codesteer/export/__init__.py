"""Runs for other tools: spreadsheets, Inspect, GitHub."""
