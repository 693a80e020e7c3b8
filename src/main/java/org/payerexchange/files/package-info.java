/** Files and folders that hold members' data: private, hashed, on disks with room. */
package org.payerexchange.files;
