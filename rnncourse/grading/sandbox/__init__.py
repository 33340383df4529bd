"""Where students' code runs: a first process imports torch and forks zygotes, and these fork confined workers."""
