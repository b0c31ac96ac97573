# Home: what is due next.

worklist-title = ລາຍການວຽກ
