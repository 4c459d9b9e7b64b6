// ZIP archives and workbooks for tests, byte by byte: also those that no program would write.

#ifndef BALIPROCESS_SERVICES_BALICTL_TESTING_ZIP_WRITER_H_
#define BALIPROCESS_SERVICES_BALICTL_TESTING_ZIP_WRITER_H_

#include <zlib.h>

#include <cstdint>
#include <map>
#include <string>

namespace baliprocess::balictl {

inline std::string LittleEndian(uint64_t number, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i, number >>= 8) bytes += static_cast<char>(number & 0xFF);
  return bytes;
}

inline std::string Deflated(const std::string& contents) {
  z_stream stream = {};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, contents.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(contents.data()));
  stream.avail_in = static_cast<uInt>(contents.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

struct ZipOptions {
  bool deflate = true;
  uint16_t flags = 0;
  // What the archive says of the unpacked size; 0: the truth.
  uint32_t said_size = 0;
};

inline std::string MakeZip(const std::map<std::string, std::string>& files,
                           const ZipOptions& options = {}) {
  std::string bytes;
  std::string directory;
  for (const auto& [name, contents] : files) {
    const std::string data = options.deflate ? Deflated(contents) : contents;
    const auto checksum = crc32(0, reinterpret_cast<const Bytef*>(contents.data()),
                                static_cast<uInt>(contents.size()));
    const size_t said = options.said_size == 0 ? contents.size() : options.said_size;
    const std::string shared = LittleEndian(20, 2) + LittleEndian(options.flags, 2) +
                               LittleEndian(options.deflate ? 8 : 0, 2) + LittleEndian(0, 4) +
                               LittleEndian(checksum, 4) + LittleEndian(data.size(), 4) +
                               LittleEndian(said, 4) + LittleEndian(name.size(), 2) +
                               LittleEndian(0, 2);
    directory += "PK\x01\x02" + LittleEndian(20, 2) + shared + LittleEndian(0, 10) +
                 LittleEndian(bytes.size(), 4) + name;
    bytes += "PK\x03\x04" + shared + name + data;
  }
  const std::string count = LittleEndian(files.size(), 2);
  return bytes + directory + "PK\x05\x06" + LittleEndian(0, 4) + count + count +
         LittleEndian(directory.size(), 4) + LittleEndian(bytes.size(), 4) + LittleEndian(0, 2);
}

inline constexpr char kOfficeDocument[] =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

// The parts of a workbook with this `<sheetData>`, by what stands within it.
inline std::map<std::string, std::string> WorkbookParts(const std::string& sheet_data) {
  const std::string office = kOfficeDocument;
  const std::string main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const std::string relationships = "http://schemas.openxmlformats.org/package/2006/relationships";
  const auto relationship = [&](const std::string& id, const std::string& type,
                                const std::string& target) {
    return "<Relationship Id='" + id + "' Type='" + office + "/" + type + "' Target='" + target +
           "'/>";
  };
  return {
      {"_rels/.rels", "<Relationships xmlns='" + relationships + "'>" +
                          relationship("r1", "officeDocument", "xl/workbook.xml") +
                          "</Relationships>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships xmlns='" + relationships + "'>" +
           relationship("r1", "worksheet", "worksheets/sheet1.xml") +
           relationship("r2", "worksheet", "/xl/worksheets/sheet2.xml") +
           relationship("r3", "sharedStrings", "sharedStrings.xml") +
           relationship("r4", "styles", "styles.xml") + "</Relationships>"},
      {"xl/workbook.xml", "<workbook xmlns='" + main + "' xmlns:r='" + office +
                              "'><sheets><sheet name='Notes &amp; more' sheetId='2' "
                              "state='hidden' r:id='r2'/><sheet name='List' sheetId='1' "
                              "r:id='r1'/></sheets></workbook>"},
      {"xl/sharedStrings.xml",
       "<sst xmlns='" + main +
           "'><si><t>Name</t></si><si><r><t>two </t></r><r><t>parts</t></r><rPh><t>no</t></rPh>"
           "</si></sst>"},
      {"xl/styles.xml", "<styleSheet xmlns='" + main +
                            "'><numFmts><numFmt numFmtId='164' formatCode='dd/mm/yyyy;@'/>"
                            "<numFmt numFmtId='165' formatCode='&quot;d&quot;0.00'/></numFmts>"
                            "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs>"
                            "<xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='17'/>"
                            "<xf numFmtId='22'/><xf numFmtId='20'/><xf numFmtId='165'/></cellXfs>"
                            "</styleSheet>"},
      {"xl/worksheets/sheet1.xml",
       "<worksheet xmlns='" + main + "'><sheetData>" + sheet_data + "</sheetData></worksheet>"},
      {"xl/worksheets/sheet2.xml",
       "<worksheet xmlns='" + main +
           "'><sheetData><row><c t='inlineStr'><is><t>Hidden</t></is></c></row></sheetData>"
           "</worksheet>"},
  };
}

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_TESTING_ZIP_WRITER_H_
