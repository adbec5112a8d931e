"""Tables in LaTeX and Markdown. A kind is a file here and a line in study/kinds.py."""
