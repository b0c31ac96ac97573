# Home: what is due next.

worklist-title = 工作清单
