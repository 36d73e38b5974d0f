"""Why a whole file is refused (文件级问题), in words for the institution that sent it; rows have codes of their own."""

from typing import ClassVar

from jingkuai.domain.problem import TooLarge

MOST_BYTES = 200 * 1024 * 1024
MOST_ROWS = 1_000_000


class FileRefused(Exception):
    """The file is not taken at all; nothing of it was recorded. `message` is Chinese and says what to do."""

    code: ClassVar[str]
    message: str

    def __init__(self, message: str | None = None) -> None:
        self.message = message or type(self).message
        super().__init__(self.code)


class NotATable(FileRefused):
    """The bytes are no table, or not the kind of table the file's name says."""

    code = "not_a_table"
    message = "文件内容不是表格，无法读取。请用表格软件打开原始文件，另存为 .xlsx 或“CSV（逗号分隔）”后重新上传。"


class MissingColumn(FileRefused):
    """The heading lacks columns that no row can do without."""

    code = "missing_column"
    message = "表头缺少必需的列。请对照模板补全表头后重新上传。"


class EmptyFile(FileRefused):
    """There is no row of data."""

    code = "empty_file"
    message = "文件中没有数据行。请确认保存的是填写好的文件，再重新上传。"


class FileTooLarge(FileRefused):
    """More bytes or rows than one import takes."""

    code = "too_large"
    message = "文件过大：每个文件不超过200MB、100万行。请拆成几个文件分别上传。"


class WrongPrefix(FileRefused):
    """A file was put where no institution's files belong."""

    code = "wrong_prefix"
    message = "文件放错了位置，已删除：请放在 incoming/贵机构编号/ 之下，不要再建子目录，然后重新上传。"


class AlreadyImported(FileRefused):
    """Every row of these bytes was taken before and still stands."""

    code = "already_imported"
    message = "相同内容的文件已经导入过，全部记录仍然有效，无需重复上传。"


class DeclaredTooLarge(TooLarge):
    """The size announced for an upload is more than one import takes."""

    detail = FileTooLarge.message
