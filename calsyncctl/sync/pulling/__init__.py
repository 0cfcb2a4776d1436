"""What Google says → the store: pages decided item by item, full listings settled, deletions through the guard."""
