"""From submissions to marks: the notebooks handed in, the judges, the gradebook, and the reports."""
