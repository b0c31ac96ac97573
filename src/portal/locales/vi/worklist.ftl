# Home: what is due next.

worklist-title = Việc cần làm
