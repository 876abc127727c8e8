"""Login sessions over HTTP: OAuth 2 password grant, refresh, logout."""

from typing import Annotated

from fastapi import Depends, Form, Request, status

from app.api.deps import AccessToken, Client, CurrentCaller, Reading
from app.api.errors import responses
from app.api.routing import APIRouter
from app.repositories.user import UserRecord
from app.schemas.auth import LoginForm, RefreshRequest, TokenPair
from app.schemas.user import UserRead
from app.services.auth import AuthService, Login
from app.services.user import UserService

router = APIRouter(prefix="/auth", tags=["auth"])


async def _auth(request: Request) -> AuthService:
    state = request.app.state
    return AuthService(
        state.database, state.passwords, state.tokens, state.rate_limits, state.callers, state.settings
    )


Auth = Annotated[AuthService, Depends(_auth)]


@router.post(
    "/login",
    status_code=status.HTTP_200_OK,
    response_model=TokenPair,
    responses=responses(401, 422, 429, 503),
)
async def login(auth: Auth, client: Client, form: Annotated[LoginForm, Form()]) -> Login:
    """Trade an e-mail address and a password for tokens. Public."""
    return await auth.login(form.username, form.password.get_secret_value(), client=client)


@router.post(
    "/refresh", status_code=status.HTTP_200_OK, response_model=TokenPair, responses=responses(401, 422)
)
async def refresh(auth: Auth, body: RefreshRequest) -> Login:
    """Trade a refresh token, which is good for one use, for new tokens. Public."""
    return await auth.refresh(body.refresh_token.get_secret_value())


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT, responses=responses(401))
async def logout(auth: Auth, caller: CurrentCaller, token: AccessToken) -> None:
    """End the login session that the access token belongs to: none of its tokens is worth anything afterwards."""
    await auth.logout(caller, token.session)


@router.get("/me", response_model=UserRead, responses=responses(401))
async def read_caller(unit: Reading) -> UserRecord:
    return await UserService(unit).get_me()
