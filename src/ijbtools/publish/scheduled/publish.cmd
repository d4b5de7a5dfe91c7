@echo off
rem Written by ijb schedule. README.txt beside it says how it is used; ijb schedule writes it anew.
setlocal EnableExtensions DisableDelayedExpansion
chcp 65001 >nul
set "LOG=@LOG@"
>>"%LOG%" echo ==== %DATE% %TIME% ijb publish
@IJB@ publish "@PLAN@" --period auto >>"%LOG%" 2>&1
set "CODE=%ERRORLEVEL%"
>>"%LOG%" echo ==== %DATE% %TIME% exit code %CODE%
rem 5: nothing was due, which is no failure.
if "%CODE%"=="5" set "CODE=0"
@COPY@exit /b %CODE%
