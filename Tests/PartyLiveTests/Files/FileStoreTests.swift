import Foundation
import PartyCore
import PartyLive
import Testing

struct FileStoreTests {
    private let disk = Disk()

    @Test func `each saved item is loaded`() throws {
        for item in StoreItem.allCases { #expect(try disk.store.load(item) == nil) }
        for item in StoreItem.allCases { try disk.store.save(item, Array(item.name.utf8)) }
        for item in StoreItem.allCases { #expect(try disk.store.load(item) == Array(item.name.utf8)) }
        #expect(Set(StoreItem.allCases.map(\.name)).count == 9)
    }

    @Test func `folders are 0700 and files 0600`() throws {
        try disk.store.save(.credentials, [1])
        for path in [disk.folder, disk.folder + "/profiles", disk.profile] { #expect(try disk.mode(path) == 0o700) }
        #expect(try disk.mode(disk.path(.credentials)) == 0o600)
    }

    @Test func `a replaced item is whole, private and leaves nothing else behind`() throws {
        try disk.write([UInt8](repeating: 7, count: 100), .device, mode: 0o644)
        try disk.store.save(.device, [1, 2])
        try disk.store.save(.device, [3])
        #expect(try disk.store.load(.device) == [3])
        #expect(try disk.mode(disk.path(.device)) == 0o600)
        #expect(try disk.names() == ["device.json"])
    }

    @Test func `a reader during concurrent writes gets one complete value`() async throws {
        let store = disk.store
        let small = [UInt8](repeating: 1, count: 10)
        let large = [UInt8](repeating: 2, count: 60_000)
        try store.save(.friends, small)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for round in 0..<30 { try store.save(.friends, round % 2 == 0 ? large : small) } }
            group.addTask {
                for _ in 0..<200 {
                    let read = try store.load(.friends)
                    #expect(read == small || read == large)
                }
            }
            try await group.waitForAll()
        }
        #expect(try disk.names() == ["friends.json"])
    }

    @Test(arguments: [0o644, 0o640, 0o660, 0o604, 0o666, 0o601, 0o610])
    func `a file that others can access is refused with the chmod command`(_ mode: Int) throws {
        try disk.write([1], .credentials, mode: mode)
        let error = #expect(throws: StoreError.self) { try disk.store.load(.credentials) }
        #expect(error?.kind == .unsafePermissions)
        let path = disk.path(.credentials)
        #expect(error?.message == "\(path) can be read by others; close it with: chmod 600 '\(path)'")
    }

    @Test(arguments: [0o777, 0o775, 0o722, 0o702])
    func `a folder that others can change is refused with the chmod command`(_ mode: Int) async throws {
        try disk.store.save(.credentials, [1])
        for folder in [disk.folder, disk.folder + "/profiles", disk.profile] {
            try disk.setMode(mode, folder)
            let error = #expect(throws: StoreError.self) { try disk.store.load(.credentials) }
            #expect(error?.kind == .unsafePermissions)
            #expect(
                error?.message
                    == "the folder \(folder) can be changed by others; close it with: chmod go-w '\(folder)'")
            try disk.setMode(0o700, folder)
        }
        try disk.setMode(mode, disk.profile)
        #expect(throws: StoreError.self) { try disk.store.save(.credentials, [2]) }
        await #expect(throws: StoreError.self) { _ = try await disk.store.lock(.credentials) }
        try disk.setMode(0o755, disk.profile)
        #expect(try disk.store.load(.credentials) == [1])
    }

    @Test func `a symbolic link to a folder is followed`() throws {
        try disk.store.save(.credentials, [1])
        let link = disk.folder + "-link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: disk.folder)
        defer { try? FileManager.default.removeItem(atPath: link) }
        #expect(try Disk.store(in: link).load(.credentials) == [1])
        try disk.setMode(0o777, disk.folder)
        #expect(throws: StoreError.self) { try Disk.store(in: link).load(.credentials) }
    }

    @Test(arguments: [0o600, 0o400, 0o700])
    func `a private file is read`(_ mode: Int) throws {
        try disk.write([1], .credentials, mode: mode)
        #expect(try disk.store.load(.credentials) == [1])
    }

    @Test func `an empty file is empty, and a file of 1 MB is read`() throws {
        try disk.write([], .credentials)
        #expect(try disk.store.load(.credentials) == [])
        try disk.write([UInt8](repeating: 9, count: 1 << 20), .credentials)
        #expect(try disk.store.load(.credentials)?.count == 1 << 20)
    }

    @Test func `a file over 1 MB is refused`() throws {
        try disk.write([UInt8](repeating: 9, count: (1 << 20) + 1), .credentials)
        let error = #expect(throws: StoreError.self) { try disk.store.load(.credentials) }
        #expect(error?.kind == .unreadable)
        #expect(error?.message == "\(disk.path(.credentials)) is over 1 MB: it is not a file of psparty")
    }

    @Test func `a folder in place of a file is refused`() throws {
        try FileManager.default.createDirectory(atPath: disk.path(.device), withIntermediateDirectories: true)
        let error = #expect(throws: StoreError.self) { try disk.store.load(.device) }
        #expect(error == StoreError(.unreadable, "\(disk.path(.device)) is not a file"))
        let saving = #expect(throws: StoreError.self) { try disk.store.save(.device, [1]) }
        #expect(saving?.kind == .unwritable)
        #expect(try disk.names() == ["device.json"])
        let erasing = #expect(throws: StoreError.self) { try disk.store.erase(.device) }
        #expect(erasing?.kind == .unwritable)
    }

    @Test func `a state folder below a file is empty and not writable`() async throws {
        try disk.write([1], .device)
        let store = Disk.store(in: disk.path(.device))
        #expect(try store.load(.device) == nil)
        try store.erase(.device)
        let saving = #expect(throws: StoreError.self) { try store.save(.device, [1]) }
        #expect(saving?.kind == .unwritable)
        #expect(saving?.message.hasPrefix("cannot make the folder \(disk.path(.device))/profiles: ") == true)
        let locking = await #expect(throws: StoreError.self) { try await store.lock(.device) }
        #expect(locking?.kind == .unwritable)
    }

    @Test func `a profile folder that is a file is not writable`() throws {
        try FileManager.default.createDirectory(atPath: disk.folder + "/profiles", withIntermediateDirectories: true)
        try Data([1]).write(to: URL(fileURLWithPath: disk.profile))
        let error = #expect(throws: StoreError.self) { try disk.store.save(.device, [1]) }
        #expect(error?.kind == .unwritable)
        #expect(error?.message.hasPrefix("cannot write \(disk.path(.device)): ") == true)
    }

    @Test func `a missing folder is made with its parents`() throws {
        let store = Disk.store(in: disk.folder + "/a/b/c")
        #expect(try store.load(.current) == nil)
        try store.save(.current, [5])
        #expect(try store.load(.current) == [5])
    }

    @Test func `a dangling link counts as no saved item`() throws {
        try FileManager.default.createDirectory(atPath: disk.profile, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: disk.path(.current), withDestinationPath: disk.profile + "/nowhere")
        #expect(try disk.store.load(.current) == nil)
        try disk.store.save(.current, [1])
        #expect(try disk.names() == ["current.json"])
    }

    @Test func `an erased item is gone, and erasing it again succeeds`() throws {
        try disk.store.erase(.credentials)
        try disk.store.save(.credentials, [1])
        try disk.store.save(.device, [2])
        try disk.store.erase(.credentials)
        try disk.store.erase(.credentials)
        #expect(try disk.store.load(.credentials) == nil)
        #expect(try disk.store.load(.device) == [2])
    }

    @Test func `profiles do not see each other`() throws {
        let other = Disk.store(in: disk.folder, profile: "other")
        try disk.store.save(.current, [1])
        #expect(try other.load(.current) == nil)
    }

    @Test func `a lock is held by one at a time`() async throws {
        let store = disk.store
        try store.save(.current, [0])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let lock = try await store.lock(.current)
                    defer { lock.release() }
                    let count = try #require(try store.load(.current)?.first)
                    await Task.yield()
                    try store.save(.current, [count + 1])
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.load(.current) == [8])
        #expect(try disk.mode(disk.path(.current) + ".lock") == 0o600)
    }

    @Test func `locks of different items do not wait for each other`() async throws {
        let first = try await disk.store.lock(.credentials)
        let second = try await disk.store.lock(.device)
        second.release()
        first.release()
        try await disk.store.lock(.credentials).release()
    }

    @Test func `a wait for a lock ends with its task`() async throws {
        let store = disk.store
        let held = try await store.lock(.credentials)
        let waiting = Task { () -> StoreError? in
            do throws(StoreError) {
                try await store.lock(.credentials).release()
                return nil
            } catch { return error }
        }
        waiting.cancel()
        let error = await waiting.value
        #expect(error?.kind == .cancelled)
        #expect(error?.message == "cancelled while waiting for \(disk.path(.credentials)).lock")
        held.release()
        try await store.lock(.credentials).release()
    }

    @Test(arguments: [
        ("default", true), ("a", true), ("A-b_c.9", true), ("-", true), ("a.", true),
        (String(repeating: "x", count: 64), true),
        (String(repeating: "x", count: 65), false), ("", false), (".", false), ("..", false), (".a", false),
        ("a/b", false),
        ("/", false), ("a b", false), ("a\n", false), ("a\u{0}", false), ("\u{E9}", false), ("a:b", false),
        ("~", false),
        ("a\u{301}", false), ("@", false), ("[", false), ("`", false), ("{", false), ("\\", false),
    ])
    func `a profile name is a safe file name`(_ name: String, _ isSafe: Bool) {
        #expect(FileStore.isProfileName(name) == isSafe)
    }

    @Test func `system errors have texts`() {
        #expect(errorText(2) == "No such file or directory")
        #expect(!errorText(99_999).isEmpty)
    }
}
