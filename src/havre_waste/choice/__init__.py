"""What to empty today, and what that saves against rounds that are the same every week.

``model`` ← ``tours`` (the order of stops) ← ``driving`` (who drives them, and what it took), ``outlook`` (what levels
mean for a day) ← ``today`` (which containers) and ``fixed`` (the rounds of always) ← ``weeks`` (weeks of either) ←
``what_if``. ``crisis`` ranks what comes first when little can be driven. All pure: what is known is an argument,
chance too.

A day's choice collects prizes: a container is worth what its overflow would cost before the next chance to empty it,
and the way that it would need later. It is chosen when the way to it costs less. Follows Archetti and Speranza:
Vehicle routing problems with profits (2014); Mes, Schutten and Pérez Rivera: Inventory routing for dynamic waste
collection, Waste Management 34 (2014), whose must-go and may-go containers are those here.
"""
