"""What to try while the nodes of the demonstration run."""

import sys

from havre.demo.story import Story

TEXT = """
Both nodes stay up until Ctrl-C, and the port moves on. Look at it:

{page}
{waste}
{waste}ships/ (where ships notify their waste)
{drive}
(the last is the secret link of a crew: its round on a telephone, with or without a network)

To try next, in another terminal:

# what the terminal operator offers to the start-up
curl -H "Authorization: Bearer {token}" "{url}/api/catalog?provider={terminal}"

# the gate passes in Python, under the agreement that was just made
{python} - <<'EOF'
from havre.client import Exchange
exchange = Exchange("{url}", "{token}")
print(exchange.open("{agreement}", purpose="mobility").to_arrow().slice(0, 3).to_pylist())
EOF

# the same on the command line
{python} -m havre read {agreement} --purpose mobility --url {url} --token {token}
"""


def hints(story: Story) -> str:
    """Lines that work as they stand, with the tokens of this demonstration."""
    agreement = story.agreements["gate-passes"]
    startup = story.people["startup"]
    return TEXT.format(
        url=startup.url,
        page=story.motion.url,
        waste=story.collection.serving.url,
        drive=story.collection.drive,
        token=startup.token,
        terminal=story.dids["terminal"],
        agreement=agreement,
        python=sys.executable,
    )
