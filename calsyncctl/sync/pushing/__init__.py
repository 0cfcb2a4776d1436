"""What waits here → Google: due copies decided one by one, written, and each answer kept on its own."""
