"""Urban waste: levels one can trust, rounds that save, and the waste of ships, as a service of the exchange.

It is a participant like any other: it reads what it has agreements for, and offers what it makes of it. Of Havre's own
code it imports the client and the shell of pages; its rules import nothing of them.
"""
