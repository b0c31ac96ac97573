# Planning everything that is open at once.
planning-all = Xếp tất cả
planning-title = Xếp tuyến
planning-is-queued = Đang chờ lượt
planning-is-running = Đang xếp
planning-is-done = Đã xếp xong
planning-is-cancelled = Đã dừng; giữ kế hoạch tốt nhất đến lúc đó
planning-is-failed = Không xếp được. Không thay đổi gì
planning-stopping = Đang dừng
planning-progress = Tiến độ
planning-routes = Tuyến
planning-left-out = Thùng chưa xếp
planning-to-board = Về bảng
planning-look = Xem lại
planning-stop = Dừng và giữ kế hoạch tốt nhất
planning-note = Bạn có thể rời trang; việc xếp vẫn tiếp tục.
