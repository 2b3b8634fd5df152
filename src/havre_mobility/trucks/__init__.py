"""Trucks at the gates of the terminals: appointments, arrivals and queues of the next day, advice, and the certificate
of what made a truck late.

Pure but for the command that checks a certificate: rows, times and keys are arguments. Times in frames are UTC.
"""
