"""The page that a student gets back: points, a sentence for each test that failed, no secrets.

nbgrader's ``generate_feedback`` takes the preprocessors and the exporter of `page`.

First called: `page.MaskHiddenTests.preprocess`
"""
