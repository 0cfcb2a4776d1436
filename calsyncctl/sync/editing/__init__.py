"""What people and programs change here: every local edit, whole in one transaction, refused if it could not go out."""
