"""Two nodes and what passes between them: deliveries, answers, receipts, and the link as a state machine without I/O.

`docs/spec/delivery.md` has the bytes and the rules, `docs/spec/requests.md` the signed requests that carry them.
"""
