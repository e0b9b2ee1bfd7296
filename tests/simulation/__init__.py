"""Whole nodes under a hostile world, in one process, in virtual time, from one seed.

Everything at work is what a node runs: cores, services, door, store on SQLite, fence, keys. What is simulated stands
behind the four ports: disk, fence, keys and line. One seed decides all that
happens; the same seed happens the same way everywhere. After every step `watch` holds the record to what it promises.

    python -m tests.simulation --seeds 200 --from 0
    python -m tests.simulation --seeds 1 --from 17 --trace
"""
