"""The service at work: rows of its needs come in, the picture of the moment and the products go out.

``intake`` keeps what was heard; ``ships``, ``bridges``, ``gates``, ``lines`` and ``tide`` make the parts of the picture
of it, pure; ``work`` is what the frame of a service calls.
"""
