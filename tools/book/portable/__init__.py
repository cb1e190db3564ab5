"""A chapter as a notebook that reads well wherever it is opened.

The executed notebooks are written in MyST, which only the book understands.  `convert.portable`
makes of one a notebook in plain Markdown, for the download button of its page and for the
Colab and Binder buttons.  `syntax` reads MyST, `book` knows all pages, `text` writes prose and
`blocks` what stands in fences; `quiz`, `citations` and `pictures` help them.
"""
