"""The code behind the course on recurrent neural networks: one module a chapter.

Importing a chapter's module, ``rnncourse.rnn`` say, brings in neither plotting nor widgets nor grading.
"""
