What Payer Exchange is distributed with: each library, its version, its licence and where it comes from. Where several licences are named, mostly any
one of them may be chosen: the library's own files, in its jar or at its address, say so, and hold the texts. sbom.json names the same libraries with their hashes.

<#list dependencyMap as entry>
<#assign library = entry.getKey()/>
${library.groupId}:${library.artifactId} ${library.version}
    ${library.name!library.artifactId}
    ${entry.getValue()?join(" | ")}
<#if library.url?has_content>
    ${library.url}
</#if>
</#list>
