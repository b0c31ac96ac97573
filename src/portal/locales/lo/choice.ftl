# Choosing otherwise than the hub planned.
choice-title = ເລືອກແບບອື່ນ
choice-request = ຄຳຂໍ
choice-sub = ເລືອກລັອດອື່ນແທນ. ເບິ່ງລາຄາກ່ອນ; ເຫດຜົນຖືກເກັບໄວ້. ກົດຄວາມປອດໄພຄົງເດີມ.
choice-price = ລັອດ { $lot } ຈະປ່ຽນຫຍັງ
choice-refused = ມີກົດຫ້າມ; ເລືອກບໍ່ໄດ້.
choice-points = ແຍ່ກວ່າແຜນ { $points } ຄະແນນ.
choice-not-exact = ລາຄານີ້ເປັນການຄາດຄະເນ.
choice-bottles = ຕຸກ
choice-reason = ຍ້ອນຫຍັງ
choice-reason-hint = ເກັບໄວ້ຕະຫຼອດ; ບໍ່ໃຊ້ຊື່
choice-go = ຂໍລັອດນີ້
choice-nothing-chosen = ບໍ່ໄດ້ເລືອກ
choice-lots = ລັອດທີ່ສະເໜີ
choice-empty-title = ບໍ່ມີສິ່ງສະເໜີ
choice-empty = ເມື່ອທະນາຄານສະເໜີ, ຈະປາກົດທີ່ນີ້.
done-choice-made = ສະເໜີໃຫ້ທະນາຄານພ້ອມເຫດຜົນ. ສິ່ງທີ່ລໍຖ້າກ່ອນຖືກຖອນ.
