"""When a ship will be at the pilot boarding place, and when at her berth: three quantiles, with a stated error.

``network`` learns the usual ways from past tracks; ``samples`` puts together what is known at a moment; ``forecast``
learns how wrong that is. All pure: what is known, and when it was known, are arguments.
"""
