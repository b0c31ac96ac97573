# The board: milk that others offer now.

board-title = Bảng sữa dư
board-sub = { $ml } mL trong { $n } dòng, hết hạn sớm nhất trước.
board-filter = Lọc bảng
board-show = Hiển thị
board-any = Bất kỳ
board-protein-from = Đạm từ
board-milk = Loại sữa
board-donors-label = Người hiến
board-up-to-donors = Tối đa { $n }
board-donors = { $n } người hiến
board-dairy = Chế độ ăn của người hiến
board-dairy-free = Người hiến không dùng sữa bò
board-no-analysis = Chưa phân tích
board-bank = Ngân hàng và lô
board-volume = Thể tích
board-analysis = Đạm và người hiến
board-expires = Hết hạn
board-own = Của bạn
board-empty-title = Chưa có sữa trên bảng
board-empty = Cứ gửi yêu cầu: hệ thống sẽ ghép ngay khi có ngân hàng công bố.
board-empty-filtered = Không có gì khớp bộ lọc.
board-no-filter = Hiển thị tất cả
board-how = Không ai tự lấy chai từ bảng: hãy gửi yêu cầu, hệ thống sẽ tìm sữa đáp ứng quy tắc của cả hai nơi.
