"""An experiment more than once: over seeds, and over variants that are compared.

seeds.py   mean and spread over seeds                 variants.py   one thing changed at a time
compare.py which variant is better, and how surely
"""
