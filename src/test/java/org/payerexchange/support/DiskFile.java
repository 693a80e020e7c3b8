package org.payerexchange.support;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.h2.store.fs.FileBaseDefault;

/** A file of H2 as it is on the disk; disks that have something wrong with them change the rest. */
class DiskFile extends FileBaseDefault {
  final FileChannel file;

  DiskFile(FileChannel file) {
    this.file = file;
  }

  @Override
  public synchronized int write(ByteBuffer from, long position) throws IOException {
    return file.write(from, position);
  }

  @Override
  public synchronized int read(ByteBuffer to, long position) throws IOException {
    return file.read(to, position);
  }

  @Override
  public void force(boolean metaData) throws IOException {
    file.force(metaData);
  }

  @Override
  protected void implTruncate(long size) throws IOException {
    file.truncate(size);
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return file.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }
}
