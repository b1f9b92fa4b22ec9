"""What the trainer's loop is made of.

losses.py     what is made small                      schedule.py   the learning rate over time
step.py       one step of the optimizer               averaging.py  a moving average of the weights
passes.py     the batches of an epoch, in groups      tally.py      sums over an epoch, and their scores
session.py    what a checkpoint holds                 history.py    what training left behind
devices.py    CUDA, MPS or the CPU                    processes.py  several of them, as one
"""
