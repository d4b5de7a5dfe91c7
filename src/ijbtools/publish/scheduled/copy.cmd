rem The last step. After 3 or 4 a page failed and its last good one stayed, so the site is whole then too.
if not "%CODE%"=="0" if not "%CODE%"=="3" if not "%CODE%"=="4" exit /b %CODE%
robocopy "@SITE@" "@TO@" /E /R:3 /W:10 /NP /NFL /NDL /XF .lock .running* /XD .running-* >>"%LOG%" 2>&1
set "COPIED=%ERRORLEVEL%"
rem Robocopy's codes below 8 tell what was copied; from 8 on something was not.
if %COPIED% LSS 8 exit /b %CODE%
>>"%LOG%" echo ==== %DATE% %TIME% the pages were not copied, robocopy's code %COPIED%
if "%CODE%"=="0" set "CODE=%COPIED%"
