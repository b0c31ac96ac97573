# The door: sign-in, the lock of an idle session, switching between people.

sign-in-title = ເຂົ້າສູ່ລະບົບ
sign-in-first = ເຂົ້າລະບົບເພື່ອເບິ່ງໜ້ານີ້.
sign-in-kept = ການເຂົ້າລະບົບໝົດເວລາ. ສິ່ງທີ່ພິມຍັງຢູ່ ແລະ ຈະສົ່ງທັນທີເມື່ອເຂົ້າລະບົບ.
sign-in-email = ອີເມວ
sign-in-password = ລະຫັດຜ່ານ
sign-in-go = ເຂົ້າສູ່ລະບົບ
sign-in-wrong = ອີເມວ ຫຼື ລະຫັດຜ່ານຜິດ. ຍັງບໍ່ໄດ້ເຮັດຫຍັງ.
sign-in-throttled = ລອງຫຼາຍເກີນໄປ. ລໍຖ້ານຶ່ງນາທີ ແລ້ວລອງໃໝ່.
sign-in-help = ບໍ່ມີບັນຊີ ຫຼື ລືມລະຫັດຜ່ານ? ຖາມຜູ້ບໍລິຫານລະບົບ.
lock-title = ລັອກແລ້ວ
lock-who = ຜູ້ໃຊ້: { $name }
lock-why = ບໍ່ມີໃຜໃຊ້ໜ້ານີ້ 15 ນາທີ. ໃສ່ລະຫັດຜ່ານເພື່ອສືບຕໍ່.
lock-kept = ບໍ່ມີໃຜໃຊ້ໜ້ານີ້ 15 ນາທີ. ສິ່ງທີ່ພິມຍັງຢູ່: ໃສ່ລະຫັດຜ່ານແລ້ວຈະສົ່ງ.
lock-open = ສືບຕໍ່
switch-title = ປ່ຽນຜູ້ໃຊ້
switch-why = ຄົນຕໍ່ໄປເຂົ້າລະບົບຢູ່ນີ້; ຄົນກ່ອນຈະອອກຈາກລະບົບ.
