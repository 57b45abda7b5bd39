"""`make torture`: ballot-box processes ended by SIGKILL, over and over, on one database."""
