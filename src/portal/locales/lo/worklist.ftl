# Home: what is due next.

worklist-title = ລາຍການວຽກ
worklist-urgent = ມີ { $n } ວຽກທີ່ຕ້ອງເຮັດພາຍໃນໜຶ່ງຊົ່ວໂມງ.
worklist-request-milk = ຂໍນົມ
worklist-to-board = ກະດານນົມເຫຼືອ
worklist-show = ສະແດງ
worklist-all = ທັງໝົດ
worklist-chip-offers = ຕ້ອງຕອບ
worklist-chip-requests = ລໍຖ້າ
worklist-chip-pack = ຕ້ອງຫຸ້ມຫໍ່
worklist-chip-receive = ຕ້ອງຮັບ
worklist-chip-alarms = ແຈ້ງເຕືອນ
worklist-chip-recalls = ການຮຽກຄືນ
worklist-chip-expiring = ໃກ້ໝົດອາຍຸ
worklist-chip-release = ຕ້ອງອະນຸມັດ
worklist-kind-offers = ຂໍ້ສະເໜີທີ່ຕ້ອງຕອບ
worklist-kind-requests = ລໍຖ້ານົມ
worklist-kind-pack = ຕ້ອງຫຸ້ມຫໍ່
worklist-kind-receive = ຕ້ອງຮັບ
worklist-kind-alarms = ແຈ້ງເຕືອນ
worklist-kind-recalls = ການຮຽກຄືນ
worklist-kind-expiring = ໃກ້ໝົດອາຍຸ
worklist-kind-release = ຕ້ອງອະນຸມັດ
worklist-go-offers = ເບິ່ງຂໍ້ສະເໜີ
worklist-go-requests = ເບິ່ງສາເຫດ
worklist-go-pack = ເລີ່ມຫຸ້ມຫໍ່
worklist-go-receive = ຮັບເຂົ້າ
worklist-go-alarms = ເປີດການແຈ້ງເຕືອນ
worklist-go-recalls = ຕອບ
worklist-go-expiring = ເບິ່ງລັອດ
worklist-go-release = ເບິ່ງລັອດ
worklist-go-look = ເບິ່ງ
worklist-go-decide = ເບິ່ງຫຼັກຖານ
worklist-band-now = ດຽວນີ້
worklist-band-today = ມື້ນີ້
worklist-band-week = 7 ມື້ຕໍ່ໜ້າ
worklist-band-later = ພາຍຫຼັງ
worklist-band-now-until = ພາຍໃນໜຶ່ງຊົ່ວໂມງ
worklist-band-today-until = ກ່ອນທ່ຽງຄືນ
worklist-band-week-until = ກ່ອນ { $day }
worklist-band-later-until = ເມື່ອມີເວລາ
worklist-offer = ສົ່ງ { $ml } ມລ ໄປ { $site }
worklist-offer-meta = { $bottles }. ຕ້ອງການກ່ອນ { $when }.
worklist-answer-by = ຕອບກ່ອນ { $when }
worklist-request = { $ml } ມລ ໃຫ້ { $infant } ຍັງບໍ່ໄດ້ຮັບສັນຍາ
worklist-request-ward = { $ml } ມລ ສຳລັບສາງຂອງພະແນກ ຍັງບໍ່ໄດ້ຮັບສັນຍາ
worklist-request-meta = ຂໍ { $asked } ມລ, ສັນຍາແລ້ວ { $promised } ມລ.
worklist-why-not-yet = ລະບົບຍັງບໍ່ໄດ້ຊອກ.
worklist-why-offered = ມີຂໍ້ສະເໜີລໍຖ້າທະນາຄານຕອບ.
worklist-why-nothing = ບໍ່ມີນົມທີ່ປະກາດຜ່ານກົດຂອງຄຳຂໍນີ້.
worklist-why-short = ນົມທີ່ຜ່ານກົດບໍ່ພໍສຳລັບທຸກຄົນ.
worklist-needed-by = ຕ້ອງການກ່ອນ { $when }
worklist-pack = ຫຸ້ມຫໍ່ { $n } ຕຸກ ໃຫ້ { $site }
worklist-hand-over = ມອບ { $n } ຕຸກ ໃຫ້ { $site }
worklist-collected-by = ມາຮັບ { $when }
worklist-receive = ຮັບ { $n } ຕຸກ ຈາກ { $site }
worklist-on-the-way = ກຳລັງມາ: { $n } ຕຸກ ຈາກ { $site }
worklist-take-back =
    { $n ->
       *[other] ຮັບຄືນ { $n } ຕຸກ ທີ່ສົ່ງຫາ { $site } ບໍ່ໄດ້
    }
worklist-hold-until = ກ່ອງຮັກສາຄວາມເຢັນຮອດ { $when }
worklist-delivered-by = ມາຮອດ { $when }
worklist-journey-meta = { $ml } ມລ ໃນກ່ອງ.
worklist-alarm-warm = ອຸ່ນເກີນໄປລະຫວ່າງທາງຈາກ { $site }
worklist-alarm-spike = ອຸນຫະພູມພຸ່ງລະຫວ່າງທາງຈາກ { $site }
worklist-alarm-gap = ເຄື່ອງບັນທຶກຂາດຕອນຈາກ { $site }
worklist-alarm-silent = ເຄື່ອງບັນທຶກບໍ່ມີສັນຍານຈາກ { $site }
worklist-alarm-seal = ຜະນຶກບໍ່ກົງຂອງກ່ອງຈາກ { $site }
worklist-alarm-since = ຕັ້ງແຕ່ { $when }.
worklist-alarm-peak = ສູງສຸດ { $peak } °C.
worklist-alarm-above = ເກີນຂີດຈຳກັດ { $span }.
worklist-recall = ຕອບການຮຽກຄືນຂອງ { $site }
worklist-recall-meta = ເຫດຜົນ: { $reason }
worklist-expiring = { $ml } ມລ ຂອງລັອດ { $lot } ຈະໝົດອາຍຸ
worklist-expiring-meta = { $n } ຕຸກ ຕຸກລະ { $ml } ມລ, ຍັງບໍ່ໄດ້ຈອງ.
worklist-expires-at = ໝົດອາຍຸ { $when }
worklist-release = ຕັດສິນການອະນຸມັດລັອດ { $lot }
worklist-release-meta = { $ml } ມລ ກັກໄວ້, ໝົດອາຍຸ { $date }.
worklist-empty-title = ບໍ່ມີວຽກລໍຖ້າ
worklist-empty = ຂໍ້ສະເໜີ, ກ່ອງ ແລະ ການແຈ້ງເຕືອນຈະຂຶ້ນຢູ່ນີ້ເມື່ອຕ້ອງການຄົນເຮັດ.
worklist-stock = ສາງ
worklist-stock-free = ອະນຸມັດແລ້ວ ແລະ ຍັງບໍ່ໄດ້ຈອງ
worklist-stock-promised = ຈອງໄວ້
worklist-stock-apart = ກັກໄວ້
worklist-stock-expiring = { $ml } ມລ ຈະໝົດອາຍຸໃນ 7 ມື້.

worklist-plan = ວາງແຜນການຂົນສົ່ງ { $n } ຕຸກທີ່ໄດ້ສັນຍາໄວ້ ໄປ { $site }
worklist-go-plan = ວາງແຜນການຂົນສົ່ງ
worklist-lapses-by = ຄຳສັນຍາໝົດອາຍຸ { $when }
worklist-cover =
    { $n ->
       *[other] ມື້ທີ່ພຽງພໍ
    }
worklist-collections = ການມາຮັບຕໍ່ໄປ
