# The board: milk that others offer now.

board-title = ກະດານນົມເຫຼືອ
board-sub = { $ml } ມລ ໃນ { $n } ແຖວ, ໝົດອາຍຸກ່ອນຢູ່ເທິງ.
board-filter = ກັ່ນຕອງກະດານ
board-show = ສະແດງ
board-any = ໃດກໍໄດ້
board-protein-from = ໂປຣຕີນຕັ້ງແຕ່
board-milk = ຊະນິດນົມ
board-donors-label = ຜູ້ບໍລິຈາກ
board-up-to-donors = ບໍ່ເກີນ { $n }
board-donors = ຜູ້ບໍລິຈາກ { $n } ຄົນ
board-dairy = ອາຫານຂອງຜູ້ບໍລິຈາກ
board-dairy-free = ຜູ້ບໍລິຈາກບໍ່ກິນນົມງົວ
board-no-analysis = ບໍ່ໄດ້ວິເຄາະ
board-bank = ທະນາຄານ ແລະ ລັອດ
board-volume = ປະລິມານ
board-analysis = ໂປຣຕີນ ແລະ ຜູ້ບໍລິຈາກ
board-expires = ໝົດອາຍຸ
board-own = ຂອງທ່ານ
board-empty-title = ບໍ່ມີນົມເທິງກະດານ
board-empty = ສົ່ງຄຳຂໍໄດ້: ລະບົບຈະຈັບຄູ່ເມື່ອມີທະນາຄານປະກາດ.
board-empty-filtered = ບໍ່ມີຫຍັງກົງກັບການກັ່ນຕອງ.
board-no-filter = ສະແດງທັງໝົດ
board-how = ບໍ່ມີໃຜເອົາຕຸກຈາກກະດານເອງ: ສົ່ງຄຳຂໍ ແລ້ວລະບົບຈະຫານົມທີ່ຜ່ານກົດຂອງທັງສອງບ່ອນ.
