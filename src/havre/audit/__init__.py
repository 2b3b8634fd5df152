"""The audit log: what happened at this node, chained so that no entry can be changed or taken out unseen."""
