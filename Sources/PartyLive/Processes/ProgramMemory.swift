internal import CLinux

/// Settings of the allocator and the pages of the whole process. For programs: the library never calls this.
package enum ProgramMemory {
    /// Makes a short run faster, and a long one give memory back.
    package static func tune() {
        // glibc grows an arena for each thread page by page, which is 5 % of a short command's time. A stream needs two: one for
        // the thread that reads it and one for the thread that writes.
        //
        // By default glibc raises the size of a large block with each one that is freed, up to 32 MB. Then the memory of lines that
        // waited for a slow reader stays with the process: after a backlog of 20 MB a stream kept 22 MB, with this it keeps 3 MB.
        party_tune_allocator(2, 1 << 20)
        party_map_data()
    }
}
