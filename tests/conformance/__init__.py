"""The judgement of the Eclipse DSP TCK 1.0.1 on a node: ``make conformance``.

``profile`` says what the kit finds at the node, ``node`` runs a node with it, ``kit`` finds and runs the kit.
"""
