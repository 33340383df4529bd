"""Diagrams of the models, one module a chapter, drawn with the symbols of the notation page."""
