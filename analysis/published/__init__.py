"""Printed numbers of a report, the scorecard that holds computed ones to them, and the audit of the print."""
