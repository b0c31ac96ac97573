# The page that shows every part of the design.

components-title = ອົງປະກອບ
components-sub = ທຸກສ່ວນໃນທຸກສະພາບ ຕາມທີ່ໜ້າຕ່າງໆໃຊ້.
components-tags = ປ້າຍສະຖານະ
components-tiers = ລະດັບຄວາມຮີບດ່ວນ
components-expiry = ວັນໝົດອາຍຸ
components-due = ນັບຖອຍຫຼັງ
components-buttons = ປຸ່ມ
components-fields = ຊ່ອງແບບຟອມ
components-errors = ສະຫຼຸບຂໍ້ຜິດພາດ
components-notes = ຂໍ້ຄວາມ
components-empty = ສະພາບຫວ່າງ
