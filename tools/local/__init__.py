"""The local stack: an embedded AWS emulator with `template.yaml` deployed to it, demo accounts, and the main job.

    python -m tools.local up | down | run | demo | reset | status

`stack.Stack` is the same for tests: a stack of their own, on another port and in another folder.
"""
