"""Who runs a task: this process's loop (`local`), and worker processes that can be killed (`isolation`).

Nothing is imported here: a worker process loads `isolation` alone, and starts in a third of the time.
"""
