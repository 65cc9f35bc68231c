"""The torch engine of Lookalike: trains a prepared job on one process or many, and writes its weights as safetensors."""
