package org.payerexchange.intake;

import java.nio.file.Path;

/**
 * A plain file of the inbox that was found at rest.
 *
 * @param path where it lies
 * @param name its path within the inbox, printable, with {@code /} between folder and file
 * @param payer the folder that it lies in, or null if it lies in the inbox itself
 * @param stamp what it looked like all the while
 * @param endIsJudged whether it has been at rest for so long that its end counts as its end
 */
record InboxFile(Path path, String name, String payer, Stamp stamp, boolean endIsJudged) {}
