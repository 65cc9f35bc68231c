"""Starts a training that Lookalike has prepared: `python train.py JOB [--ranks N]`, or one rank of it under torchrun or Slurm."""

import sys

from lookalike_trainer.main import main

if __name__ == "__main__":
    sys.exit(main())
