# Planning everything that is open at once.
planning-all = ວາງແຜນທັງໝົດ
planning-title = ການວາງແຜນ
planning-is-queued = ລໍຖ້າ
planning-is-running = ກຳລັງວາງແຜນ
planning-is-done = ວາງແຜນແລ້ວ
planning-is-cancelled = ຢຸດແລ້ວ; ເກັບແຜນດີສຸດໄວ້
planning-is-failed = ວາງແຜນບໍ່ໄດ້. ບໍ່ມີການປ່ຽນແປງ
planning-stopping = ກຳລັງຢຸດ
planning-progress = ຄວາມຄືບໜ້າ
planning-routes = ເສັ້ນທາງ
planning-left-out = ກ່ອງທີ່ເຫຼືອ
planning-to-board = ໄປກະດານ
planning-look = ເບິ່ງອີກ
planning-stop = ຢຸດ ແລະ ເກັບແຜນດີສຸດ
planning-note = ທ່ານອອກໜ້ານີ້ໄດ້; ການວາງແຜນດຳເນີນຕໍ່.
