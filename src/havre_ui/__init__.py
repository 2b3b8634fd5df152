"""The shell that pages of services stand in: templates, one style sheet, built assets, French and English.

It knows no service and nothing of the exchange. A service brings a folder with its own ``templates``, ``texts`` and
``static`` files and gets an application whose pages are there in both languages, follow the reader's light or dark,
ask nothing of any other host, and notice by themselves when they are no longer told what is happening.
"""
