# Home: what is due next.

worklist-title = À faire
